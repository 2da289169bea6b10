package dev.custos.agent.plugin;

/** A plugin that stops the start. The message names the file and the reason. */
public final class PluginException extends Exception {
  private static final long serialVersionUID = 1L;

  public PluginException(String message) {
    super(message);
  }

  public PluginException(String message, Throwable cause) {
    super(message, cause);
  }
}
