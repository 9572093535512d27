// The paths that engines and versions of them make, as a table, and paths that want to look like
// it.
#include "peer/cgroup.h"

#include <gtest/gtest.h>

#include "peer/cgroup_tree.h"

namespace reeve {
namespace {

const std::string kId(64, 'a');
const std::string kPod(64, 'b');
const std::string kTask(32, 'c');
const std::string kUid = "11111111-2222-3333-4444-555555555555";
const std::string kUid_ = "11111111_2222_3333_4444_555555555555";

struct Case {
  const char* what;
  std::string path, unit, container, pod, task;
};

std::string name(const std::optional<CgroupName>& found) { return found ? found->name : ""; }

TEST(Cgroup, names_units_containers_pods_and_tasks) {
  const Case cases[] = {
      {"the root", "/", "", "", "", ""},
      {"a unit", "/system.slice/triage.service", "triage.service", "", "", ""},
      {"an instance", "/system.slice/system-agent.slice/agent@a.service/sub", "agent@a.service", "",
       "", ""},
      {"a user's own unit", "/user.slice/user-1.slice/user@1.service/app.slice/fake.service",
       "user@1.service", "", "", ""},
      {"a login session", "/user.slice/user-1.slice/session-2.scope", "session-2.scope", "", "",
       ""},
      {"nspawn", "/machine.slice/systemd-nspawn@x.service/payload", "systemd-nspawn@x.service", "",
       "", ""},
      {"Docker, systemd", "/system.slice/docker-" + kId + ".scope", "docker-" + kId + ".scope",
       "docker:" + kId, "", ""},
      {"Docker, cgroupfs", "/docker/" + kId, "", "docker:" + kId, "", ""},
      {"Docker in Docker", "/docker/" + kId + "/docker/" + kPod, "", "docker:" + kId, "", ""},
      {"Docker, systemd in it", "/docker/" + kId + "/system.slice/a.service", "a.service",
       "docker:" + kId, "", ""},
      {"Podman, systemd, runc", "/machine.slice/libpod-" + kId + ".scope",
       "libpod-" + kId + ".scope", "podman:" + kId, "", ""},
      {"Podman, systemd, crun", "/machine.slice/libpod-" + kId + ".scope/container",
       "libpod-" + kId + ".scope", "podman:" + kId, "", ""},
      {"Podman, cgroupfs", "/libpod_parent/libpod-" + kId, "", "podman:" + kId, "", ""},
      {"Podman, split", "/system.slice/web.service/libpod-payload-" + kId, "web.service",
       "podman:" + kId, "", ""},
      {"Podman's monitor", "/machine.slice/libpod-conmon-" + kId + ".scope",
       "libpod-conmon-" + kId + ".scope", "", "", ""},
      {"Podman's pod, systemd",
       "/machine.slice/machine-libpod_pod_" + kPod + ".slice/libpod-" + kId + ".scope",
       "libpod-" + kId + ".scope", "podman:" + kId, kPod, ""},
      {"Podman's pod, cgroupfs", "/libpod_parent/" + kPod + "/libpod-" + kId, "", "podman:" + kId,
       kPod, ""},
      {"containerd, systemd",
       "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + kUid_ +
           ".slice/cri-containerd-" + kId + ".scope",
       "cri-containerd-" + kId + ".scope", "containerd:" + kId, kUid, ""},
      {"containerd, guaranteed pod",
       "/kubepods.slice/kubepods-pod" + kUid_ + ".slice/cri-containerd-" + kId + ".scope",
       "cri-containerd-" + kId + ".scope", "containerd:" + kId, kUid, ""},
      {"containerd, cgroupfs", "/kubepods/burstable/pod" + kUid + "/" + kId, "",
       "containerd:" + kId, kUid, ""},
      {"containerd, a static pod", "/kubepods/pod" + kTask + "/" + kId, "", "containerd:" + kId,
       kTask, ""},
      {"nerdctl, systemd", "/system.slice/nerdctl-" + kId + ".scope", "nerdctl-" + kId + ".scope",
       "containerd:" + kId, "", ""},
      {"CRI-O, systemd",
       "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kUid_ + ".slice/crio-" +
           kId + ".scope/container",
       "crio-" + kId + ".scope", "cri-o:" + kId, kUid, ""},
      {"CRI-O, cgroupfs", "/kubepods/besteffort/pod" + kUid + "/crio-" + kId, "", "cri-o:" + kId,
       kUid, ""},
      {"CRI-O's monitor",
       "/kubepods.slice/kubepods-pod" + kUid_ + ".slice/crio-conmon-" + kId + ".scope",
       "crio-conmon-" + kId + ".scope", "", "", ""},
      {"cri-dockerd", "/kubepods.slice/kubepods-pod" + kUid_ + ".slice/docker-" + kId + ".scope",
       "docker-" + kId + ".scope", "docker:" + kId, kUid, ""},
      {"ECS, cgroupfs", "/ecs/" + kTask + "/" + kId, "", "docker:" + kId, "", kTask},
      {"ECS, systemd", "/ecstasks.slice/ecstasks-" + kTask + ".slice/docker-" + kId + ".scope",
       "docker-" + kId + ".scope", "docker:" + kId, "", kTask},
      {"Fargate", "/ecs/" + kTask + "/" + kTask + "-1234567890", "",
       "fargate:" + kTask + "-1234567890", "", kTask},
      {"a short id", "/docker/" + kId.substr(1), "", "", "", ""},
      {"a long id", "/docker/" + kId + "a", "", "", "", ""},
      {"no digits", "/docker/" + std::string(64, 'g'), "", "", "", ""},
      {"capitals", "/docker/" + std::string(64, 'A'), "", "", "", ""},
      {"a bare id elsewhere", "/kubelet/" + kId, "", "", "", ""},
      {"something behind the id", "/system.slice/docker-" + kId + "x.scope",
       "docker-" + kId + "x.scope", "", "", ""},
      {"another prefix", "/system.slice/xdocker-" + kId + ".scope", "xdocker-" + kId + ".scope", "",
       "", ""},
      {"no name", "/x/.service/.scope", "", "", "", ""},
      {"Fargate, another task's", "/ecs/" + kTask + "/" + kUid + "-1", "", "", "", ""},
      {"a pod outside Kubernetes", "/x/pod" + kUid + "/" + kId, "", "", "", ""},
      {"a pod without a container", "/kubepods/pod" + kUid, "", "", "", ""},
      {"a pod below a container", "/docker/" + kId + "/kubepods/pod" + kUid + "/" + kPod, "",
       "docker:" + kId, "", ""},
  };
  for (const Case& c : cases) {
    const auto names = parse_cgroup("4:memory:/v1/y.service\n0::" + c.path + "\n");
    ASSERT_TRUE(names) << c.what;
    EXPECT_EQ(names->path, c.path);
    EXPECT_EQ(name(names->unit), c.unit) << c.what;
    EXPECT_EQ(name(names->container), c.container) << c.what;
    EXPECT_EQ(name(names->pod), c.pod) << c.what;
    EXPECT_EQ(name(names->ecs_task), c.task) << c.what;
  }
}

TEST(Cgroup, names_the_slices_above_the_unit) {
  const auto names = parse_cgroup("0::/a.slice/a-b.slice/x.service/c.slice\n");
  ASSERT_TRUE(names);
  ASSERT_EQ(names->slices.size(), 2u);
  EXPECT_EQ(names->slices[0], (CgroupName{"a.slice", 0, 8}));
  EXPECT_EQ(names->slices[1], (CgroupName{"a-b.slice", 8, 18}));
}

TEST(Cgroup, refuses_what_is_not_plain) {
  for (const std::string text :
       {"", "1:name=systemd:/a.service\n", "0::relative\n", "0::/a/../b.service\n", "0::/a//b\n",
        "0::/a/./b\n", "0::/a\x01/b\n", "0::/a\x7f/b\n", "0::/a\n0::/b.service\n", "0::\n",
        "0::/a/\n0::/\n", "00::/a\n", " 0::/a\n"}) {
    EXPECT_FALSE(parse_cgroup(text)) << text;
  }
  EXPECT_FALSE(parse_cgroup("0::/" + std::string(300, 'a') + "\n"));
  EXPECT_FALSE(parse_cgroup("0::/" + std::string(5000, 'a') + "\n"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "/a";
  EXPECT_FALSE(parse_cgroup("0::" + deep + "\n"));
}

// Whose names count (W3): `owned` is how far down root owns the path, the rest is uid 1000's.
Peer named(const std::string& path, size_t owned) {
  Peer peer;
  RootOwned tree{owned, std::nullopt};
  if (owned < path.size()) tree.other = 1000;
  name_peer(peer, *parse_cgroup("0::" + path + "\n"), tree);
  return peer;
}

TEST(Cgroup, W3_names_below_a_users_directory_are_the_users_own) {
  const std::string scope = "/docker-" + kId + ".scope";
  const std::string path = "/user.slice/user-1000.slice/user@1000.service/app.slice" + scope;
  const size_t delegated = path.find("/user@");
  const Peer peer = named(path, delegated);
  EXPECT_EQ(peer.unit, "user@1000.service") << "systemd gave it that name";
  EXPECT_EQ(peer.slices, (std::vector<std::string>{"user.slice", "user-1000.slice"}));
  EXPECT_FALSE(peer.container);
  EXPECT_EQ(peer.rootless, (Rootless{"docker", 1000}));
  EXPECT_TRUE(named(path, path.size()).container) << "the same, all root's";
}

TEST(Cgroup, W3_a_container_whose_own_directory_is_a_users_is_nobodys) {
  const std::string path = "/libpod_parent/libpod-" + kId;
  EXPECT_FALSE(named(path, path.rfind('/')).container);
  EXPECT_EQ(named(path, path.size()).container, "podman:" + kId);
  EXPECT_FALSE(named(path, path.size()).rootless);
}

TEST(Cgroup, a_tree_that_is_not_there_proves_nothing) {
  EXPECT_FALSE(root_owned("/nonexistent", "/a"));
  EXPECT_FALSE(root_owned("/proc", "/self/none"));
  const auto owned = root_owned("/", "usr");
  EXPECT_TRUE(owned && !owned->other);
}

}  // namespace
}  // namespace reeve
