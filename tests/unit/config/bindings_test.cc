#include <unistd.h>

#include "config_fixture.h"

namespace reeve {
namespace {

const std::string shop = "[binding.shop]\nurl = \"https://shop.example.com\"\n";
std::string workload(const std::string& name, const std::string& more = "") {
  return "[workload." + name + "]\nmatch = { gid = 1 }\nunix = true\n" + more;
}

TEST(Bindings, are_spoken_for_by_a_user_or_a_workload_of_their_own) {
  const Config config =
      accepted(binding + shop + "user = \"alice\"\n[binding.wiki]\nurl = \"http://127.0.0.9:1\"\n" +
               "workload = \"w\"\n" + workload("w"));
  EXPECT_EQ(config.bindings.at("main").uid, ::geteuid()) << "binder_user";
  EXPECT_EQ(config.bindings.at("main").workload, "");
  EXPECT_EQ(config.bindings.at("shop").uid, 1001U);
  EXPECT_EQ(config.bindings.at("wiki").workload, "w");
  EXPECT_TRUE(config.bindings.at("wiki").loopback);
}

TEST(Bindings, name_the_proxies_that_say_who_asks) {
  const std::vector<std::string> proxies{"127.0.0.1", "2001:db8::/32"};
  EXPECT_EQ(accepted(binding + "proxies = [\"127.0.0.1\", \"2001:db8::/32\"]\n")
                .bindings.at("main")
                .proxies,
            proxies);
  for (const char* wrong : {"proxy.example", "10.0.0.1/8", "10.0.0.0/33", "", "127.0.0.1:80"}) {
    EXPECT_EQ(errors_of(binding + "proxies = [\"" + wrong + "\"]\n").size(), 1U) << wrong;
  }
}

TEST(Bindings, binder_user_speaks_for_one_that_names_nobody) {
  const Config config =
      accepted("[daemon]\nbinder_user = \"alice\"\n" + binding + shop + "user = 7\n");
  EXPECT_EQ(config.bindings.at("main").uid, 1001U);
  EXPECT_EQ(config.bindings.at("shop").uid, 7U);
}

TEST(Bindings, a_workload_names_its_own_or_gets_main_or_the_only_one) {
  const std::string two = binding + shop + "user = 7\n";
  EXPECT_EQ(accepted(two + workload("w")).workloads.at("w").binding, "main");
  EXPECT_EQ(accepted(two + workload("w", "binding = \"shop\"\n")).workloads.at("w").binding,
            "shop");
  EXPECT_EQ(accepted(shop + workload("w")).workloads.at("w").binding, "shop");
  EXPECT_EQ(
      errors_of(shop + "[binding.wiki]\nurl = \"https://wiki.example\"\nuser = 7\n" +
                workload("w")),
      Lines{"f:6: [workload.w] binding: missing: expected the name of a binding, for there are "
            "several and none is main"});
  EXPECT_EQ(errors_of(binding + workload("w", "binding = \"shop\"\n")),
            Lines{"f:6: [workload.w] binding: expected the name of a binding: there is no "
                  "[binding.shop]"});
}

TEST(Bindings, cannot_be_told_apart_with_one_peer) {
  const std::string start = binding + workload("w");
  EXPECT_EQ(errors_of(start + shop),
            Lines{"f:6: [binding.shop] user: may speak for [binding.main] too: expected a user or "
                  "workload of its own for each"});
  EXPECT_EQ(errors_of(start + shop +
                      "user = 7\n[binding.wiki]\nurl = \"https://wiki.example\"\n"
                      "user = \"7\"\n"),
            Lines{"f:11: [binding.wiki] user: may speak for [binding.shop] too: expected a user or "
                  "workload of its own for each"});
  EXPECT_EQ(errors_of(start + shop +
                      "workload = \"w\"\n[binding.wiki]\n"
                      "url = \"https://wiki.example\"\nworkload = \"w\"\n"),
            Lines{"f:11: [binding.wiki] workload: may speak for [binding.shop] too: expected a "
                  "user or workload of its own for each"});
}

TEST(Bindings, have_a_url_and_a_host_of_their_own) {
  const std::string start = binding + "[binding.shop]\nuser = 7\nurl = ";
  EXPECT_EQ(errors_of(start + "\"https://agents.example.com\"\n"),
            Lines{"f:5: [binding.shop] url: is that of [binding.main] too: expected a URL of its "
                  "own"});
  // Cookies know no ports.
  EXPECT_EQ(errors_of(start + "\"https://agents.example.com:8443\"\n"),
            Lines{"f:5: [binding.shop] url: shares its host, and so its cookies, with "
                  "[binding.main]: expected a host of its own"});
  EXPECT_EQ(errors_of(start + "\"https://x.agents.example.com\"\n"), Lines());
}

TEST(Bindings, name_what_there_is) {
  EXPECT_EQ(errors_of(binding + shop + "workload = \"absent\"\n"),
            Lines{"f:5: [binding.shop] workload: expected the name of a workload: there is no "
                  "[workload.absent]"});
  EXPECT_EQ(errors_of(binding + shop + "user = \"nobody-here\"\n").size(), 1U)
      << "and it is not given to binder_user instead";
  EXPECT_EQ(errors_of(binding + workload("w") + shop + "user = 7\nworkload = \"w\"\n"),
            Lines{"f:9: [binding.shop] workload: expected user or workload, not both"});
}

TEST(Bindings, warn_of_users_of_the_host_at_their_own_binding_only) {
  const auto warnings = [](const std::string& more) {
    return read_config_text(binding + "[binding.desk]\nurl = \"http://127.0.0.9:1\"\nuser = 7\n" +
                                issuer + workload("w", more),
                            test_options(), "f")
        .warnings;
  };
  EXPECT_EQ(warnings("binding = \"desk\"\n"), Lines{"f:9: [workload.w]: allows nothing"});
  EXPECT_EQ(warnings("").size(), 2U);
}

TEST(Bindings, warn_where_a_binder_is_the_daemon) {
  ConfigOptions options = test_options();
  options.same_user = false;
  const std::string users =
      "[daemon]\ndaemon_user = 1\nbinder_user = 2\nfetch_user = 3\nadmin_group = 4\n";
  EXPECT_TRUE(read_config_text(users + binding + shop + "user = 7\n", options).warnings.empty());
  for (const char* user : {"1", "3"}) {
    const auto outcome = read_config_text(users + binding + shop + "user = " + user, options, "f");
    EXPECT_EQ(
        outcome.warnings,
        Lines{"f:1: [daemon]: daemon_user, fetch_user and who may speak for a binding are not "
              "different users: the processes are not separated"});
  }
}

}  // namespace
}  // namespace reeve
