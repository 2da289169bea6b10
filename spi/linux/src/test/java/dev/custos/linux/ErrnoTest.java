package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
  @ParameterizedTest
  @CsvSource({
    "1, EPERM",
    "3, ESRCH",
    "16, EBUSY",
    "19, ENODEV",
    "28, ENOSPC",
    "36, ENAMETOOLONG",
    "75, EOVERFLOW",
    "90, EMSGSIZE",
    "95, EOPNOTSUPP",
    "107, ENOTCONN",
    "111, ECONNREFUSED",
    "116, ESTALE",
    "122, EDQUOT",
    "133, EHWPOISON"
  })
  void aNumberHasItsNameFromTheManPage(int errno, String name) {
    assertThat(Errno.name(errno)).isEqualTo(name);
  }

  @Test
  void everyConstantHereIsNamedAsItIsCalled() {
    assertThat(
            Arrays.stream(Errno.class.getFields()).filter(f -> Modifier.isStatic(f.getModifiers())))
        .isNotEmpty()
        .allSatisfy(field -> assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName()));
  }

  @Test
  void aNumberWithoutANameIsShownAsANumber() {
    assertThat(Errno.name(4711)).isEqualTo("errno 4711");
    assertThat(Errno.name(-5)).isEqualTo("errno -5");
    assertThat(Errno.name(0)).isEqualTo("errno 0");
    assertThat(Errno.name(41)).isEqualTo("errno 41");
  }
}
