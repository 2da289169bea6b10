package dev.custos.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodCgroupsTest {
  private static final String UID = "40a80423-8517-4334-a9ae-a4130eda8b37";
  private static final String UID_ = "40a80423_8517_4334_a9ae_a4130eda8b37";
  private static final String ID =
      "3311be5f56d349e7969031980e4c21250171b8501412c777685f77f55f2ff58e";
  private static final String OTHER =
      "aaaabe5f56d349e7969031980e4c21250171b8501412c777685f77f55f2faaaa";

  private final PodCgroups cgroups = PodCgroups.seenFrom("0::/");

  private Optional<ContainerRef> at(String path) {
    String named =
        path.replace("UID_", UID_).replace("UID", UID).replace("OTHER", OTHER).replace("ID", ID);
    return cgroups.containerOf("0::" + named + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The cgroupfs driver: containerd and docker, CRI-O.
        "/kubepods/podUID/ID",
        "/kubepods/burstable/podUID/ID",
        "/kubepods/besteffort/podUID/ID",
        "/kubepods/burstable/podUID/crio-ID",
        // The systemd driver.
        "/kubepods.slice/kubepods-podUID_.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID_.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUID_.slice/crio-ID.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID_.slice/docker-ID.scope",
        // crun puts the processes one further down.
        "/kubepods.slice/kubepods-podUID_.slice/crio-ID.scope/container",
        "/kubepods/burstable/podUID/ID/init/deep",
        // containerd that was not told of systemd, below a kubelet that uses it.
        "/system.slice/containerd.service/kubepods-burstable-podUID_.slice:cri-containerd:ID",
        // --cgroup-root, and kind, which sets it.
        "/some/where/kubepods/burstable/podUID/ID",
        "/kubelet/kubepods/burstable/podUID/ID",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podUID_.slice/cri-containerd-ID.scope",
        // Seen from a cgroup namespace of one's own: from another class of service, from the same.
        "/../../../burstable/podUID/ID",
        "/../../podUID/ID",
        "/../../../../kubepods-burstable.slice/kubepods-burstable-podUID_.slice/cri-containerd-ID.scope",
        "/../../kubepods-burstable-podUID_.slice/cri-containerd-ID.scope",
      })
  void aContainerIsKnownByAllNamesThatKubeletsAndRuntimesGive(String path) {
    assertThat(at(path)).contains(new ContainerRef(UID, ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/init.scope",
        "/user.slice/user-0.slice/session-1.scope",
        // A container of no pod.
        "/system.slice/docker-ID.scope",
        "/docker/ID",
        // The pod's own processes, and CRI-O's monitor of a container.
        "/kubepods/burstable/podUID",
        "/kubepods/burstable/podUID/crio-conmon-ID",
        "/kubepods.slice/kubepods-podUID_.slice/crio-conmon-ID.scope",
        // Not the kubelet's.
        "/podUID/ID",
        "/elsewhere/podUID/ID",
        // Another container of the looker's own pod, with what it likes below.
        "/../OTHER/kubepods/burstable/podUID/ID",
        "/../../OTHER/podUID/ID",
        "/../cri-containerd-OTHER.scope/kubepods-podUID_.slice/cri-containerd-ID.scope",
        // A container of no pod, with what it likes below.
        "/docker/OTHER/kubepods/burstable/podUID/ID",
        "/system.slice/docker-OTHER.scope/kubepods/podUID/ID",
        "/kubepods/burstable/podUID/ID (deleted)",
      })
  void whatIsNotDirectlyBelowAPodOfThisNodesKubeletIsNoContainer(String path) {
    assertThat(at(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kubepods/burstable/podUID/ID/OTHER",
        "/kubepods/burstable/podUID/ID/podc0ffee/OTHER",
        "/kubepods/burstable/podUID/ID/kubepods/burstable/podc0ffee/OTHER",
        "/kubepods.slice/kubepods-podUID_.slice/crio-ID.scope/kubepods.slice/kubepods-podc0ffee.slice/crio-OTHER.scope",
        "/../../podUID/ID/../../podc0ffee/OTHER",
      })
  void whatAContainerMakesBelowItsOwnCgroupChangesNothing(String path) {
    assertThat(at(path)).contains(new ContainerRef(UID, ID));
  }

  @Test
  void aNodeThatIsItselfAContainerIsKnownByItsAgentsOwnCgroup() {
    String node = "/docker/" + OTHER + "/kubelet/kubepods/besteffort/pod";
    PodCgroups inside = PodCgroups.seenFrom("1:cpu:" + node + "c0ffee/" + "b".repeat(64) + "\n");
    String there = "1:cpu:" + node + UID + "/" + ID + "\n";
    assertThat(inside.containerOf(there)).contains(new ContainerRef(UID, ID));
    assertThat(cgroups.containerOf(there)).isEmpty();
  }

  @Test
  void hierarchiesOfCgroupV1ThatKnowNothingAreLeftOutAndOnesThatDisagreeAreNotBelieved() {
    String pod = "/kubepods/burstable/pod" + UID + "/";
    assertThat(cgroups.containerOf("9:name=systemd:/\n4:cpu,cpuacct:" + pod + ID + "\n0::/\n"))
        .contains(new ContainerRef(UID, ID));
    assertThat(cgroups.containerOf("9:a:" + pod + ID + "\n4:b:" + pod + OTHER + "\n")).isEmpty();
  }

  @Test
  void aFileThatIsNotOfCgroupsHoldsNoContainer() {
    assertThat(cgroups.containerOf("")).isEmpty();
    assertThat(cgroups.containerOf("\n::\n:\n1\n1:2\n")).isEmpty();
    assertThat(cgroups.containerOf("0::" + "/..".repeat(20_000))).isEmpty();
  }
}
