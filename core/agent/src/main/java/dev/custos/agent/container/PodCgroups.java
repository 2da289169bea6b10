package dev.custos.agent.container;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code /proc/PID/cgroup} of cgroups(7) as the kubelet and the container runtimes name
 * cgroups: with the cgroupfs driver {@code /kubepods/burstable/podUID/ID}, with the systemd driver
 * {@code
 * /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/RUNTIME-ID.scope}, each
 * below whatever {@code --cgroup-root} says.
 *
 * <p>What a container can make up is never believed. Below its own cgroup it may make others with
 * any name, so the first pod on the way from the top counts, and directly below it the container;
 * whatever comes before must not be a container's. A process that looks from a cgroup namespace of
 * its own sees others' cgroups as {@code /../../...}: what follows is then either within the
 * kubelet's or of the looker's own pod, and the latter is told by its names and not taken.
 */
final class PodCgroups {
  private static final String UID = "([0-9a-zA-Z][0-9a-zA-Z_-]*)";
  private static final Pattern POD_FOLDER = Pattern.compile("pod" + UID);
  private static final Pattern POD_SLICE =
      Pattern.compile("(?:.*-)?kubepods(?:-burstable|-besteffort)?-pod" + UID + "\\.slice");

  // Without systemd, containerd makes one name of what was meant for systemd: SLICE:PREFIX:ID.
  private static final Pattern POD_AND_CONTAINER =
      Pattern.compile("(.*\\.slice):(?:cri-containerd|crio|docker):([0-9a-zA-Z_-]+)");

  private static final Pattern CONTAINER =
      Pattern.compile(
          "(?:(?:cri-containerd|crio|docker)-)?([0-9a-zA-Z][0-9a-zA-Z_]*)(?:\\.scope)?");
  private static final Pattern KUBELETS =
      Pattern.compile(
          "kubepods|burstable|besteffort|(?:.*-)?kubepods(?:-burstable|-besteffort)?\\.slice");
  private static final Pattern CONTAINERS = Pattern.compile(".*\\.scope|(?:.*[:-])?[0-9a-f]{64}");

  // Where this agent itself is, so where a node is that is a container, too.
  private final List<String> own;

  private PodCgroups(List<String> own) {
    this.own = own;
  }

  /**
   * Makes a reader.
   *
   * @param ownCgroup what {@code /proc/self/cgroup} says of this process
   */
  static PodCgroups seenFrom(String ownCgroup) {
    return new PodCgroups(ownCgroup.lines().map(PodCgroups::path).toList());
  }

  /**
   * The container that a process is in, by what its cgroup file says. Empty if it is in no
   * container of a pod, or if hierarchies contradict each other.
   */
  Optional<ContainerRef> containerOf(String cgroupFile) {
    ContainerRef found = null;
    String last = null;
    int from = 0;
    while (from < cgroupFile.length()) {
      int end = cgroupFile.indexOf('\n', from);
      String line = cgroupFile.substring(from, end < 0 ? cgroupFile.length() : end);
      from = end < 0 ? cgroupFile.length() : end + 1;
      String path = path(line);
      // With cgroup v1 there are a dozen lines, mostly with one and the same path.
      if (path.equals(last)) {
        continue;
      }
      last = path;
      ContainerRef here = containerIn(path);
      if (here != null && found != null && !here.equals(found)) {
        return Optional.empty();
      }
      found = here == null ? found : here;
    }
    return Optional.ofNullable(found);
  }

  /** The third field of {@code hierarchy:controllers:path}; a path may have colons, too. */
  private static String path(String line) {
    int first = line.indexOf(':');
    int second = line.indexOf(':', first + 1);
    return first < 0 || second < 0 ? "" : line.substring(second + 1);
  }

  private ContainerRef containerIn(String path) {
    String[] names = path.split("/", -1);
    boolean seenFromBelow = names.length > 1 && names[1].equals("..");
    String parent = "";
    for (int i = 1; i < names.length; i++) {
      String name = names[i];
      ContainerRef both = podAndContainer(name);
      if (both != null) {
        return both;
      }
      String pod = pod(parent, name);
      if (pod != null) {
        String container = i + 1 < names.length ? container(names[i + 1]) : null;
        return container == null ? null : new ContainerRef(pod, container);
      }
      if (!mayComeBefore(name, seenFromBelow, names, i)) {
        return null;
      }
      parent = name;
    }
    return null;
  }

  private static ContainerRef podAndContainer(String name) {
    Matcher both = POD_AND_CONTAINER.matcher(name);
    if (name.indexOf(':') < 0 || !both.matches()) {
      return null;
    }
    String pod = pod("", both.group(1));
    return pod == null ? null : new ContainerRef(pod, both.group(2));
  }

  private static String pod(String parent, String name) {
    if (name.endsWith(".slice")) {
      Matcher slice = POD_SLICE.matcher(name);
      // systemd has a use of its own for "-".
      return slice.matches() ? slice.group(1).replace('_', '-') : null;
    }
    boolean belowKubelets = parent.equals("..") || KUBELETS.matcher(parent).matches();
    Matcher folder = POD_FOLDER.matcher(name);
    return belowKubelets && folder.matches() ? folder.group(1) : null;
  }

  private static String container(String name) {
    Matcher container = CONTAINER.matcher(name);
    return container.matches() ? container.group(1) : null;
  }

  private boolean mayComeBefore(String name, boolean seenFromBelow, String[] names, int index) {
    if (seenFromBelow) {
      return name.equals("..") || KUBELETS.matcher(name).matches();
    }
    if (!CONTAINERS.matcher(name).matches()) {
      return true;
    }
    String prefix = String.join("/", List.of(names).subList(0, index + 1)) + "/";
    return own.stream().anyMatch(path -> path.startsWith(prefix));
  }
}
