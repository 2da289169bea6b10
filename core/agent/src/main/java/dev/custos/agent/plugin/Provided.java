package dev.custos.agent.plugin;

/**
 * One role of one provider.
 *
 * @param name what a configuration calls it by
 * @param provider one instance for all roles of its class
 * @param plugin where it comes from
 */
public record Provided<T>(String name, T provider, PluginInfo plugin) {}
