// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/cgroup.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

const std::string kId(64, 'a');
const std::string kOther = std::string(63, 'b') + "1";

TEST(CgroupTest, FindsTheContainerOfEveryEngine) {
  const std::string paths[] = {
      "/docker/" + kId,
      "/docker/" + kId + "/init.scope",
      "/system.slice/docker-" + kId + ".scope",
      "/../../system.slice/docker-" + kId + ".scope",
      "/kubepods/burstable/pod0f3b8f6c-1b9f-4a3a-8d0e-5f6c7a8b9c0d/" + kId,
      "/kubepods.slice/kubepods-burstable.slice/"
      "kubepods-burstable-pod0f3b8f6c_1b9f_4a3a_8d0e_5f6c7a8b9c0d.slice/cri-containerd-" +
          kId + ".scope",
      "/kubepods.slice/kubepods-pod0f3b.slice/crio-" + kId + ".scope",
      "/system.slice/containerd.service/kubepods-burstable-pod0f3b.slice:cri-containerd:" + kId,
      "/machine.slice/libpod-" + kId + ".scope/container",
      "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope",
      "/libpod_parent/libpod-" + kId,
      "/ecs/0123456789abcdef0123456789abcdef/" + kId,
      "/docker/" + kOther + "/docker/" + kId,
      "/system.slice/docker-" + kOther + ".scope/kubelet/kubepods/pod1/" + kId,
      "/actions_job/" + kId,
  };
  for (const std::string& path : paths) EXPECT_EQ(container_of_path(path), kId) << path;
}

TEST(CgroupTest, NamesTheRuntimeWhereThePathDoes) {
  EXPECT_EQ(runtime_of_path("/docker/" + kId), "docker");
  EXPECT_EQ(runtime_of_path("/system.slice/docker-" + kId + ".scope/init.scope"), "docker");
  EXPECT_EQ(runtime_of_path("/kubepods.slice/pod1.slice/cri-containerd-" + kId + ".scope"),
            "containerd");
  EXPECT_EQ(runtime_of_path("/system.slice/kubepods-pod0f3b.slice:cri-containerd:" + kId),
            "containerd");
  EXPECT_EQ(runtime_of_path("/kubepods.slice/kubepods-pod0f3b.slice/crio-" + kId + ".scope"),
            "cri-o");
  EXPECT_EQ(runtime_of_path("/machine.slice/libpod-" + kId + ".scope/container"), "podman");
  EXPECT_EQ(runtime_of_path("/docker/" + kOther + "/kubepods/pod1/" + kId), "");
  EXPECT_EQ(runtime_of_path("/docker/not-an-id"), "");
  EXPECT_EQ(parse_cgroup("0::/docker/" + kId + "\n").runtime, "docker");
}

TEST(CgroupTest, TakesNothingElseForAContainer) {
  const std::string paths[] = {
      "",
      "/",
      "/init.scope",
      "/system.slice/nginx.service",
      "/docker/" + kId.substr(1),
      "/docker/" + kId + "a",
      "/docker/A" + kId.substr(1),
      "/machine.slice/libpod-conmon-" + kId + ".scope",
      "/system.slice/crio-conmon-" + kId + ".scope",
      "/process_api/0123456789abcdef0123456789abcdef",
  };
  for (const std::string& path : paths) EXPECT_EQ(container_of_path(path), "") << path;
}

TEST(CgroupTest, ReadsVersion2) {
  const CgroupFacts facts = parse_cgroup("0::/system.slice/nginx.service\n");
  EXPECT_EQ(facts.path, "/system.slice/nginx.service");
  EXPECT_EQ(facts.container_id, "");
  EXPECT_EQ(parse_cgroup("0::/\n").path, "/");
}

TEST(CgroupTest, ReadsVersion1) {
  const CgroupFacts facts = parse_cgroup("12:cpuset:/docker/" + kId + "\n11:cpu,cpuacct:/docker/" +
                                         kId + "\n1:name=systemd:/docker/" + kId + "\n");
  EXPECT_EQ(facts.path, "/docker/" + kId);
  EXPECT_EQ(facts.container_id, kId);
}

TEST(CgroupTest, ChoosesTheMostTellingLine) {
  EXPECT_EQ(parse_cgroup("4:memory:/a/long/path\n1:name=systemd:/user.slice\n0::/\n").path,
            "/user.slice");
  EXPECT_EQ(parse_cgroup("4:memory:/a\n3:cpu:/a/longer\n1:name=systemd:/\n0::/\n").path,
            "/a/longer");
  EXPECT_EQ(parse_cgroup("1:name=systemd:/user.slice\n0::/system.slice/x.service\n").path,
            "/system.slice/x.service");
  EXPECT_EQ(parse_cgroup("0::/system.slice/containerd.service\n3:cpu:/docker/" + kId).container_id,
            kId);
}

TEST(CgroupTest, KeepsColonsOfThePath) {
  EXPECT_EQ(parse_cgroup("0::/a:b:c\n").path, "/a:b:c");
}

TEST(CgroupTest, SurvivesAnything) {
  for (const char* text : {"", "\n", ":", "::", "0:", "0::", "x\n\ny", "0::/a"}) {
    parse_cgroup(text);
  }
  EXPECT_EQ(parse_cgroup("0::/a").path, "/a") << "a last line without its end";
}

TEST(MountsTest, FindsTheContainerOfHiddenCgroups) {
  const std::string line = "812 800 254:1 /var/lib/docker/containers/" + kId +
                           "/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n";
  EXPECT_EQ(container_of_mounts("22 27 0:21 / /proc rw - proc proc rw\n" + line), kId);
  EXPECT_EQ(container_of_mounts("1 2 0:5 /containers/storage/overlay-containers/" + kId +
                                "/userdata/resolv.conf /etc/resolv.conf rw - tmpfs tmpfs rw\n"),
            kId);
}

TEST(MountsTest, ASandboxIsNoContainer) {
  EXPECT_EQ(container_of_mounts("1 2 0:5 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" +
                                kId + "/hostname /etc/hostname rw - ext4 /dev/vda rw\n"),
            "");
}

TEST(MountsTest, OtherMountsSayNothing) {
  // A log collector that mounts the container engine's folder.
  EXPECT_EQ(container_of_mounts("1 2 0:5 /var/lib/docker/containers/" + kId +
                                "/logs /logs rw - ext4 /dev/vda rw\n"),
            "");
  for (const char* text : {"", "\n\n", " ", "1 2 3 4 /etc/hosts", "1 2 3 containers/ /etc/hosts"}) {
    EXPECT_EQ(container_of_mounts(text), "");
  }
}

}  // namespace
}  // namespace weft
