import CBackpropKernels
import Testing

/// Says which instruction sets this machine cannot test.
@Suite struct PathTests {
  @Test(.enabled(if: Path.avx2.isSupported, "this CPU has no AVX2 with FMA: not tested"))
  func avx2() { checkDot(.avx2) }

  @Test(.enabled(if: Path.avx512.isSupported, "this CPU has no AVX-512: not tested"))
  func avx512() { checkDot(.avx512) }

  @Test(.enabled(if: Path.amx.isSupported, "this CPU has no AMX for bfloat16: not tested"))
  func amx() { checkDot(.amx) }

  @Test func portable() { checkDot(.portable) }

  @Test func bestPathIsSupported() {
    #expect(Path.supported.contains { $0.code == bp_path_best() })
  }

  private func checkDot(_ path: Path) {
    let product = Product(1, 1, 3)
    let operands = Operands<Float>(product, a: [1, 2, 3], b: [4, 5, 6], start: [])
    #expect(ProductRun(product, operands).run(path).values == [32])
  }
}
