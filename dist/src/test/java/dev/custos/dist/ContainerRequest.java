package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a container is to be like, before it runs: {@code runtime.container().tmpfs("/ram").run()}.
 * By default one that sleeps, in a pod of its own, with an overlay root and nothing mounted.
 */
final class ContainerRequest {
  private static final String SLICES =
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%2$s.slice/";

  /** As {@link #cgroup} takes them: of each driver and runtime, and of each class of service. */
  static final List<String> CGROUP_NAMES =
      List.of(
          "/kubepods/burstable/pod%1$s/%3$s",
          "/kubepods/besteffort/pod%1$s/crio-%3$s",
          "/kubepods/pod%1$s/%3$s",
          "/kubelet/kubepods/burstable/pod%1$s/%3$s",
          SLICES + "cri-containerd-%3$s.scope",
          SLICES + "crio-%3$s.scope",
          SLICES + "docker-%3$s.scope",
          "/kubepods.slice/kubepods-pod%2$s.slice/cri-containerd-%3$s.scope",
          "/system.slice/containerd.service/"
              + "kubepods-burstable-pod%2$s.slice:cri-containerd:%3$s");

  private final ContainerdRuntime runtime;
  private String pod = UUID.randomUUID().toString();
  private String id = ContainerdRuntime.newId();
  private final List<String> options = new ArrayList<>();
  private List<String> command = List.of("/bin/sleep", "3600");
  private String cgroup = "/kubepods/burstable/pod%1$s/%3$s";

  ContainerRequest(ContainerdRuntime runtime) {
    this.runtime = runtime;
  }

  /** Runs in a pod that there is, beside what runs there. */
  ContainerRequest inPod(String uid) {
    pod = uid;
    return this;
  }

  /** 64 hexadecimal digits, instead of random ones. */
  ContainerRequest id(String wanted) {
    id = wanted;
    return this;
  }

  /** A folder of the host, as a hostPath or any other kubelet's volume is. */
  ContainerRequest bind(Path host, String path) {
    return mount("type=bind,src=" + host + ",dst=" + path + ",options=rbind:rw");
  }

  /** As an emptyDir in memory is. */
  ContainerRequest tmpfs(String path) {
    return mount("type=tmpfs,src=tmpfs,dst=" + path + ",options=mode=755");
  }

  private ContainerRequest mount(String mount) {
    options.addAll(List.of("--mount", mount));
    return this;
  }

  /** A cgroup namespace of its own, as every container has on cgroup v2. */
  ContainerRequest privateCgroups() {
    options.addAll(List.of("--with-ns", "cgroup:"));
    return this;
  }

  /**
   * In a cgroup that is named otherwise than by containerd with the cgroupfs driver.
   *
   * @param pattern with {@code %1$s} for the pod's uid, {@code %2$s} for the same with "_" for "-",
   *     {@code %3$s} for the container's id
   */
  ContainerRequest cgroup(String pattern) {
    cgroup = pattern;
    return this;
  }

  /** The host's rights and devices, and writable cgroups. */
  ContainerRequest privileged() {
    options.add("--privileged");
    return this;
  }

  /** More options for {@code ctr run}. */
  ContainerRequest options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  /** Runs a script of the shell as its first process; it ends with it. */
  ContainerRequest script(String script) {
    command = List.of("/bin/sh", "-c", script);
    return this;
  }

  /** The same again, with an id of its own: what the kubelet starts after one has ended. */
  ContainerRequest again() {
    ContainerRequest next = new ContainerRequest(runtime);
    next.pod = pod;
    next.options.addAll(options);
    next.command = command;
    next.cgroup = cgroup;
    return next;
  }

  String pod() {
    return pod;
  }

  String id() {
    return id;
  }

  /** Below the kubelet's. */
  String cgroup() {
    return cgroup.formatted(pod, pod.replace('-', '_'), id);
  }

  List<String> options() {
    return options;
  }

  List<String> command() {
    return command;
  }

  /** Starts it; its first process runs when this returns. */
  RunningContainer run() throws IOException, InterruptedException {
    return runtime.run(this);
  }
}
