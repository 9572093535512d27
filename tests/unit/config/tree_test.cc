// What the tree ships can be read: the presets, and the examples of docs/configuration.md.
#include "config_fixture.h"

namespace reeve {
namespace {

TEST(Tree, has_readable_presets) {
  ConfigOptions options = test_options();
  options.preset_directory = TREE "/data/providers";
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

TEST(Tree, documents_a_valid_configuration) {
  ConfigOptions options = test_options();
  options.preset_directory = TREE "/data/providers";
  options.accounts.user = [](const std::string&) { return 1000; };
  std::ifstream page(TREE "/docs/configuration.md");
  std::string text;
  bool example = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      example = line == "```toml";
    } else if (example) {
      text += line + "\n";
    }
  }
  const Config config = accepted(text, options);
  EXPECT_EQ(config.providers.size(), 2U);
  EXPECT_EQ(config.workloads.size(), 2U);
}

}  // namespace
}  // namespace reeve
