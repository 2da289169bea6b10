package dev.custos.dist;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may import whom, over every jar. */
class ArchitectureTest {
  private static final DescribedPredicate<JavaClass> GENERATED =
      resideInAPackage("dev.custos.protocol.v1").as("are generated from agent.proto");

  @ParameterizedTest
  @EnumSource(Module.class)
  void aModuleImportsOnlyWhatItMay(Module module) {
    check(
        classes()
            .that(module.classesOf())
            .should()
            .onlyDependOnClassesThat(module.allowedImports()));
  }

  @Test
  void everyClassBelongsToAModule() {
    assertThat(Module.classes())
        .isNotEmpty()
        .allSatisfy(
            type ->
                assertThat(Stream.of(Module.values()).filter(module -> module.has(type)))
                    .as("modules that hold %s", type.getName())
                    .hasSize(1));
  }

  @Test
  void onlyLibraryClassesAndSpiLinuxImportJnr() {
    check(
        noClasses()
            .that(not(Module.SPI_LINUX.classesOf()))
            .and(
                not(
                    describe(
                        "are a library class",
                        (JavaClass type) -> outermost(type).getSimpleName().endsWith("Library"))))
            .should()
            .dependOnClassesThat(resideInAnyPackage("jnr..", "com.kenai..")));
  }

  @Test
  void onlyTheAgentsPluginPackageImportsPf4j() {
    check(
        noClasses()
            .that(Module.AGENT.classesOf())
            .and(not(resideInAPackage("dev.custos.agent.plugin..")))
            .should()
            .dependOnClassesThat(
                describe(
                    "are PF4J's, the extension point of the SPI apart",
                    (JavaClass type) ->
                        type.getPackageName().startsWith("org.pf4j")
                            && !type.getName().equals("org.pf4j.ExtensionPoint"))));
  }

  @Test
  void onlyLinkAndServerTouchTheCodec() {
    check(
        noClasses()
            .that(not(Module.PROTOCOL.classesOf()))
            .and(
                not(
                    resideInAnyPackage(
                        "dev.custos.agent.link..", "dev.custos.controller.server..")))
            .should()
            .dependOnClassesThat(Module.PROTOCOL.classesOf()));
  }

  @Test
  void anAgentWithoutAControllerNeedsNoGrpcAndNoProtobuf() {
    check(
        noClasses()
            .that(Module.AGENT.classesOf())
            .and(not(resideInAPackage("dev.custos.agent.link..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.google.protobuf..", "io.grpc..")));
  }

  /** So no text of anybody can become a command. A scanner that runs one is to be let in here. */
  @Test
  void nothingThatIsShippedStartsAProcess() {
    check(
        noClasses()
            .that(not(Module.SPI_TESTKIT.classesOf()))
            .should()
            .dependOnClassesThat(
                describe(
                    "start processes", type -> type.getName().equals("java.lang.ProcessBuilder")))
            .orShould()
            .callMethodWhere(
                describe(
                    "starts a process",
                    call ->
                        call.getTargetOwner().getName().equals("java.lang.Runtime")
                            && call.getName().equals("exec"))));
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.custos.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(false)
        .check(Module.classes());
  }

  @Test
  void noPluginHasAPf4jPluginClass() {
    check(noClasses().should().beAssignableTo("org.pf4j.Plugin"));
    assertThat(Module.classes().that(assignableTo("org.pf4j.ExtensionPoint")))
        .as("extension points, to know that PF4J's types are seen")
        .isNotEmpty();
  }

  @Test
  void nothingIsNamedAfterBeingAnImplementation() {
    check(noClasses().that(not(GENERATED)).should().haveSimpleNameEndingWith("Impl"));
  }

  @Test
  void nothingInTheSpiIsNamedAfterBeingIncomplete() {
    check(
        noClasses()
            .that(
                Module.SPI_API
                    .classesOf()
                    .or(Module.SPI_LINUX.classesOf())
                    .or(Module.SPI_TESTKIT.classesOf()))
            .should()
            .haveSimpleNameStartingWith("Abstract"));
  }

  @Test
  void noPackageIsForWhateverFitsNowhere() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage(
                "..common..", "..util..", "..utils..", "..helper..", "..helpers..", "..misc.."));
  }

  @Test
  void noFieldIsStaticAndChanges() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat(not(GENERATED))
        .should()
        .beFinal()
        .allowEmptyShould(false)
        .check(Module.classes());
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(false).check(Module.classes());
  }

  private static JavaClass outermost(JavaClass type) {
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer;
  }
}
