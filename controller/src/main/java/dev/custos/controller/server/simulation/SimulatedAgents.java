package dev.custos.controller.server.simulation;

import dev.custos.protocol.v1.AgentLinkGrpc;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Applied;
import dev.custos.protocol.v1.ControllerMessage;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.protocol.v1.Target;
import dev.custos.protocol.v1.WatchSubject;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Agents over loopback TCP that answer every snapshot with the report that each path is active. */
final class SimulatedAgents implements AutoCloseable {
  private final EventLoopGroup loops = new NioEventLoopGroup(1);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private volatile boolean closing;

  /**
   * Connects them, and returns before they have.
   *
   * @param connections how many TCP connections they share
   */
  SimulatedAgents(int port, List<String> nodes, int connections) {
    for (int i = 0; i < connections; i++) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .eventLoopGroup(loops)
              .channelType(NioSocketChannel.class)
              // A snapshot costs an agent of its own little; here one thread is all of them.
              .directExecutor()
              .usePlaintext()
              .build());
    }
    for (int i = 0; i < nodes.size(); i++) {
      connect(nodes.get(i), channels.get(i % connections));
    }
  }

  /** The first fault of any stream, or null. */
  Throwable fault() {
    return fault.get();
  }

  @Override
  public void close() {
    closing = true;
    channels.forEach(ManagedChannel::shutdownNow);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private void connect(String node, ManagedChannel channel) {
    Stream stream = new Stream();
    stream.requests = AgentLinkGrpc.newStub(channel).connect(stream);
    stream.requests.onNext(
        AgentMessage.newBuilder().setHello(Hello.newBuilder().setNode(node)).build());
  }

  private final class Stream implements StreamObserver<ControllerMessage> {
    private StreamObserver<AgentMessage> requests;

    @Override
    public void onNext(ControllerMessage message) {
      if (message.hasSnapshot()) {
        requests.onNext(
            AgentMessage.newBuilder().setApplied(report(message.getSnapshot())).build());
      }
    }

    @Override
    public void onError(Throwable cause) {
      if (!closing) {
        fault.compareAndSet(null, cause);
      }
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("the controller ended a stream"));
    }
  }

  private static Applied report(Snapshot snapshot) {
    Applied.Builder applied = Applied.newBuilder().setVersion(snapshot.getVersion());
    for (Target target : snapshot.getTargetsList()) {
      for (WatchSubject watch : target.getWatchesList()) {
        SubjectReport.Builder row =
            SubjectReport.newBuilder().setTargetId(target.getId()).setOwner(watch.getOwner());
        for (String path : watch.getPathsList()) {
          row.addPaths(
              PathReport.newBuilder().setPath(path).setState(CoverageState.COVERAGE_STATE_ACTIVE));
        }
        applied.addSubjects(row);
      }
    }
    return applied.build();
  }
}
