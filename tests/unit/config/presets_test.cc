// Every preset of the tree can be read by the reader of presets.
#include "config_fixture.h"

namespace reeve {
namespace {

TEST(Presets, of_the_tree_are_all_readable) {
  ConfigOptions options = test_options();
  options.preset_directory = PRESET_DIRECTORY;
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(options.preset_directory)) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    std::string text = binding + "[provider.p]\npreset = \"" + entry.path().stem().string() +
                       "\"\nclient_id = \"c\"\nclient_secret = { credential = \"s\" }\n";
    // Some leave the issuer to the operator.
    if (!errors_of(text, options).empty()) text += "issuer = \"https://own.example\"\n";
    accepted(text, options);
  }
  EXPECT_GT(count, 0U);
}

}  // namespace
}  // namespace reeve
