package dev.custos.controller.metrics;

import java.util.Comparator;
import java.util.List;

/** Series in the order of their labels' values, the first label first. */
enum LabelOrder implements Comparator<List<String>> {
  INSTANCE;

  @Override
  public int compare(List<String> one, List<String> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = one.get(i).compareTo(other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }
}
