package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.Arrays;

/** The paths of the places that events told of last. Takes memory from the first event on. */
final class PathCache {
  private static final int SLOTS = 512;

  private int[] places = {};
  private FilePath[] paths = {};

  /** The path of a place, or null. */
  FilePath get(int place) {
    int slot = place & (SLOTS - 1);
    return places.length > 0 && places[slot] == place ? paths[slot] : null;
  }

  void put(int place, FilePath path) {
    if (places.length == 0) {
      places = new int[SLOTS];
      paths = new FilePath[SLOTS];
    }
    int slot = place & (SLOTS - 1);
    places[slot] = place;
    paths[slot] = path;
  }

  void forget(int place) {
    int slot = place & (SLOTS - 1);
    if (places.length > 0 && places[slot] == place) {
      places[slot] = PlaceTable.NONE;
    }
  }

  void forgetAll() {
    Arrays.fill(places, PlaceTable.NONE);
  }
}
