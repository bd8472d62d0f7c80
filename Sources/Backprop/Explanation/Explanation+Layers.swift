import BackpropCore

extension Explanation {
  /// One layer: the equations with its matrices, or what its ops do.
  func describe(
    _ layer: LayerExplanation, _ view: ExplanationView, _ document: inout Document
  ) {
    guard let dense = parts.dense[layer.name] else { return operations(layer, &document) }
    document.heading(2, "\(layer.name): \(layer.kind), \(dense.inputs) → \(dense.units)")
    if view.unit == nil, view.layer != nil || view.form != nil { matrices(layer, &document) }
    if view.layer != nil { laws(view.form ?? .element).forEach { document.blocks.append($0) } }
    switch view.form ?? .element {
    case .element:
      let own = ExplanationView(
        form: .element, layer: layer.name, unit: view.unit, top: view.top)
      for figure in figures(own) {
        document.blocks.append(.figure(figure, alias: aliases[figure.id]))
      }
    case .matrix, .diagonal:
      document.blocks += MatrixForms(self).equations(layer.name, view.form ?? .matrix)
    case .jacobian: document.blocks += MatrixForms(self).jacobian(layer.name)
    }
  }

  /// The matrices and vectors of a layer, abridged.
  private func matrices(_ layer: LayerExplanation, _ document: inout Document) {
    func add(_ title: String, _ tensor: Tensor?) {
      guard let tensor, tensor.shape.count > 0 else { return }
      let columns = max(tensor.shape.last, 1)
      document.blocks.append(
        .matrix(
          MatrixBlock(
            title, tensor.array(of: Double.self), rows: tensor.shape.count / columns,
            columns: columns)))
    }
    add("what enters \(layer.name)", layer.input)
    add("\(layer.name).z", layer.weightedInput)
    if layer.weightedInput == nil || parts.dense[layer.name]?.activation != nil {
      add("\(layer.name).a", layer.activation)
    }
    add("\(layer.name).delta", layer.delta)
    if layer.delta == nil || sampleCount > 1 { add("\(layer.name).adjoint", layer.adjoint) }
    for parameter in layer.parameters {
      let stored = parameter.value.shape.rank == 2 ? ", stored [inputs, outputs]" : ""
      add(
        parameter.path + stored + (parameter.isTrained ? "" : ", not trained"), parameter.value)
      add("∂C/∂\(parameter.path)", parameter.gradient)
    }
  }

  /// A layer of another form: its ops, each with its documented derivative.
  func operations(_ layer: LayerExplanation, _ document: inout Document) {
    document.heading(2, "\(layer.name): \(layer.kind)")
    matrices(layer, &document)
    document.paragraph(
      "No classical equations: each op gives its derivative. g is ∂C/∂(its output); #n is the op in "
        + "line n.")
    var rows = [["#", "op", "of", "output", "‖output‖", "‖g‖"]]
    var derivatives = [["op", "derivative"]]
    for (index, op) in layer.operations.enumerated() {
      rows.append([
        "\(index + 1)", op.name, op.inputs.joined(separator: ", "), "\(op.output.shape)",
        Digits.short(MatrixBlock.norm(op.output.array(of: Double.self)), 4),
        op.adjoint.map { Digits.short(MatrixBlock.norm($0.array(of: Double.self)), 4) } ?? "-",
      ])
      if !derivatives.contains(where: { $0[0] == op.name }) {
        derivatives.append([op.name, op.derivative])
      }
    }
    document.blocks.append(.table(rows, rightAligned: [0, 4, 5]))
    document.blocks.append(.table(derivatives, rightAligned: []))
  }
}
