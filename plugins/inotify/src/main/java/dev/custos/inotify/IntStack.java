package dev.custos.inotify;

import java.util.Arrays;

/** Ints, last in first out, without a box around each. */
final class IntStack {
  private int[] values = new int[8];
  private int size;

  void push(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  int pop() {
    int value = values[--size];
    if (size == 0 && values.length > 4096) {
      values = new int[8]; // a directory with a million sub-directories is rare: give it back
    }
    return value;
  }

  int peek() {
    return values[size - 1];
  }

  int get(int index) {
    return values[index];
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void clear() {
    size = 0;
  }
}
