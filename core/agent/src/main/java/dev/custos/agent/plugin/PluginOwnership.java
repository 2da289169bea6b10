package dev.custos.agent.plugin;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whether somebody else could put a plugin into the folder, or change one: a plugin runs in the
 * agent, which is mostly root's. Those who may are root, the agent's own user, and whoever owns the
 * agent's program, because that one could change the program as well.
 */
final class PluginOwnership {
  private static final int ROOT = 0;
  private static final int GROUP_WRITES = 0020;
  private static final int OTHERS_WRITE = 0002;

  private final Set<Integer> trusted;

  private PluginOwnership(Set<Integer> trusted) {
    this.trusted = trusted;
  }

  static PluginOwnership ofThisAgent() throws IOException {
    Set<Integer> trusted = new HashSet<>();
    trusted.add(ROOT);
    trusted.add(owner(Path.of("/proc/self/task")));
    try {
      trusted.add(
          owner(
              Path.of(
                  PluginOwnership.class
                      .getProtectionDomain()
                      .getCodeSource()
                      .getLocation()
                      .toURI())));
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    return new PluginOwnership(trusted);
  }

  private static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid");
  }

  /**
   * Checks a file or folder; a link's target is checked, not the link.
   *
   * @throws PluginException if somebody else may write it, with the way out
   */
  void check(Path path) throws IOException, PluginException {
    Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,uid,gid");
    int mode = (Integer) attributes.get("mode");
    int uid = (Integer) attributes.get("uid");
    int gid = (Integer) attributes.get("gid");
    // A group of the owner's number is the owner's alone, where a umask of 002 is usual.
    boolean groupWrites = (mode & GROUP_WRITES) != 0 && gid != ROOT && gid != uid;
    if (groupWrites || (mode & OTHERS_WRITE) != 0) {
      throw new PluginException(
          path
              + " can be written by others (mode "
              + Integer.toOctalString(mode & 07777)
              + "), and what is in it would run in the agent; chmod go-w "
              + path);
    }
    if (!trusted.contains(uid)) {
      throw new PluginException(
          path
              + " belongs to user "
              + uid
              + ", who is neither root nor the agent's own user, and what is in it would run in"
              + " the agent; chown root "
              + path);
    }
  }
}
