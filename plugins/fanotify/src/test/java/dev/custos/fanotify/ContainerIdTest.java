package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerIdTest {
  private static final String ID =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/system.slice/docker-ID.scope\n",
        "0::/kubepods.slice/kubepods-pod1234.slice/cri-containerd-ID.scope\n",
        "0::/kubepods.slice/kubepods-pod1234.slice/crio-ID.scope\n",
        "4:memory:/user.slice\n3:cpu:/kubepods/burstable/pod1234/ID\n",
        "0::/../cri-containerd-ID.scope/init.scope",
        "0::/kubepods/pod1/ID",
        "0::/docker/OUTER/kubelet/kubepods/pod1/cri-containerd-ID.scope",
      })
  void aContainersProcessIsInAGroupNamedAfterIt(String groups) {
    assertThat(id(groups)).isEqualTo(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/system.slice/kubelet.service\n",
        "0::/system.slice/crio-conmon-ID.scope\n",
        "0::/a0ID\n",
        "0::/IDf\n",
        "",
      })
  void whatRunsOnTheNodeItselfIsInNone(String groups) {
    assertThat(id(groups)).isEmpty();
  }

  private static String id(String groups) {
    ContainerId container =
        new ContainerId(
            ProcFile.holding(groups.replace("OUTER", ID.replace('0', 'f')).replace("ID", ID)));
    container.find();
    return container.isPresent() ? new String(container.bytes(), StandardCharsets.US_ASCII) : "";
  }
}
