package dev.custos.agent.bootstrap;

import dev.custos.agent.desired.StatusListener;
import dev.custos.agent.pipeline.PipelineListener;

/** Hears of everything that the agent has to say about itself. Must not block. */
public interface AgentListener extends PipelineListener, StatusListener {}
