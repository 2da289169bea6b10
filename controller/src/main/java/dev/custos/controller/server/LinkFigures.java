package dev.custos.controller.server;

/**
 * How the agents' streams fare, since the start but for the first.
 *
 * @param connected nodes whose agent is connected now
 * @param streamsRefused streams that were refused or ended, for want of identity or sense
 * @param rowsRefused rows of reports that were about no target of the reporting node
 * @param inspections comparisons of plans with the kernel that agents told of
 * @param differences those of them that found any
 */
public record LinkFigures(
    int connected, long streamsRefused, long rowsRefused, long inspections, long differences) {}
