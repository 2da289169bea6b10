package dev.custos.controller.metrics;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/** Counts what the API server refuses, and when it does not answer. */
public final class ApiErrors implements Interceptor {
  /** Under which a client knows it. */
  public static final String NAME = "custos-api-errors";

  private static final int FIRST_ERROR = 400;

  private final Counter errors;

  public ApiErrors(ControllerMetrics metrics) {
    this.errors = metrics.apiErrors();
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (response.code() >= FIRST_ERROR) {
      errors.increment(verb(request), Integer.toString(response.code()));
    }
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable fault) {
    errors.increment(verb(request), "none");
  }

  /** As Kubernetes calls it in roles. */
  static String verb(HttpRequest request) {
    String query = request.uri().getRawQuery();
    if (query != null && ("&" + query).contains("&watch=true")) {
      return "watch";
    }
    return switch (request.method().toUpperCase(Locale.ROOT)) {
      case "GET" -> "get";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> "delete";
      default -> "other";
    };
  }
}
