#include "config/read_config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/fd.h"
#include "config/parse_toml.h"
#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

constexpr size_t drop_in_limit = 256;

// Tables of named tables; different files may each add names to them.
constexpr std::array kinds{"binding", "issuer", "provider", "workload"};
constexpr std::array singles{"daemon", "vault", "limits"};

bool is_one_of(const auto& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The files of one configuration, joined into one document.
class Document {
 public:
  explicit Document(ConfigReport& report) : report_(report) {}

  void add_text(std::string_view text, const std::string& name) {
    const uint32_t file = report_.add_file(name);
    auto node = parse_toml(text, file, report_);
    if (!node) {
      whole_ = false;
    } else {
      join(*node->table());
    }
  }

  void add_file(const std::string& path) {
    auto text = read_file(path, toml_bytes_limit);
    if (text) {
      add_text(*text, path);
      return;
    }
    const uint32_t file = report_.add_file(path);
    report_.error({file, 0}, "", "cannot be read: " + text.error().text);
    whole_ = false;
  }

  const TomlNode& root() const { return root_; }
  // False once a file could not be read.
  bool whole() const { return whole_; }

 private:
  void join(TomlTable& members) {
    for (auto& [name, node] : members) {
      TomlNode* present = find(*root_.table(), name);
      if (!present) {
        root_.table()->emplace_back(name, std::move(node));
      } else if (is_one_of(kinds, name) && present->table() && node.table()) {
        join_named(name, *present->table(), *node.table());
      } else {
        twice(node, "[" + name + "]");
      }
    }
  }

  void join_named(const std::string& kind, TomlTable& present, TomlTable& added) {
    for (auto& [name, node] : added) {
      if (find(present, name)) {
        twice(node, "[" + kind + "." + name + "]");
      } else {
        present.emplace_back(name, std::move(node));
      }
    }
  }

  void twice(const TomlNode& node, const std::string& table) {
    report_.error(node.place(), table,
                  "another file has this table already: expected it in one only");
  }

  static TomlNode* find(TomlTable& members, std::string_view name) {
    for (auto& [key, node] : members) {
      if (key == name) return &node;
    }
    return nullptr;
  }

  ConfigReport& report_;
  TomlNode root_{TomlTable{}, {}};
  bool whole_ = true;
};

void check_top(const TomlNode& root, ConfigReport& report) {
  for (const auto& [name, node] : *root.table()) {
    if (is_one_of(kinds, name) || is_one_of(singles, name)) continue;
    report.error(node.place(), "[" + name + "]",
                 "unknown table: expected one of daemon, vault, limits, binding.NAME, issuer.NAME, "
                 "provider.NAME, workload.NAME");
  }
}

ConfigOutcome read_document(const Document& document, ConfigReport& report,
                            const ConfigOptions& options) {
  // What a file would have said is missing everywhere else: nothing more is judged.
  if (!document.whole()) return {std::nullopt, report.errors(), report.warnings()};
  Config config;
  Reading reading{options, report, config};
  const TomlNode& root = document.root();
  check_top(root, report);
  read_daemon(root, reading);
  read_vault(root, reading);
  read_limits(root, reading);
  read_bindings(root, reading);
  read_issuers(root, reading);
  read_providers(root, reading);
  read_workloads(root, reading);
  check_names(root, reading);
  warn_config(root, reading);
  ConfigOutcome outcome{std::nullopt, report.errors(), report.warnings()};
  if (!report.failed()) outcome.config = std::move(config);
  return outcome;
}

// The drop-ins' paths by name. A missing directory is none; one that cannot be listed is an error.
std::vector<std::string> drop_ins(const std::string& directory, ConfigReport& report) {
  std::vector<std::string> paths;
  std::error_code failure;
  std::filesystem::directory_iterator entry(directory, failure);
  for (const std::filesystem::directory_iterator end; !failure && entry != end;
       entry.increment(failure)) {
    const std::filesystem::path& path = entry->path();
    if (path.extension() != ".toml" || path.filename().string().starts_with('.')) continue;
    paths.push_back(path.string());
  }
  const bool missing = failure == std::errc::no_such_file_or_directory;
  if ((failure && !missing) || paths.size() > drop_in_limit) {
    const std::string why = failure ? failure.message() : "too many files";
    report.error({report.add_file(directory), 0}, "", "cannot be read: " + why);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

bool check_table_name(const std::string& kind, const std::string& name, const TomlNode& node,
                      ConfigReport& report) {
  const std::string where = "[" + kind + "." + name + "]";
  if (!is_table_name(name)) {
    report.error(node.place(), where, std::string("expected ") + name_rule.expected);
  } else if (!node.table()) {
    report.error(node.place(), where, "expected a table");
  } else {
    return true;
  }
  return false;
}

ConfigOutcome read_config(const std::string& main_file, const ConfigOptions& options) {
  ConfigReport report;
  Document document(report);
  document.add_file(main_file);
  std::string directory = options.drop_in_directory;
  if (directory.empty()) {
    directory = (std::filesystem::path(main_file).parent_path() / "conf.d").string();
  }
  for (const std::string& path : drop_ins(directory, report)) document.add_file(path);
  return read_document(document, report, options);
}

ConfigOutcome read_config_text(std::string_view text, const ConfigOptions& options,
                               const std::string& file) {
  ConfigReport report;
  Document document(report);
  document.add_text(text, file);
  return read_document(document, report, options);
}

}  // namespace reeve
