/// All ops of this module. Tests go through the list: each op needs samples, documentation and a
/// derivative that holds.
public enum OpList {
  /// The types of the ops, one a line, by topic.
  public static let all: [any Op.Type] = [
    Add.self,
    Subtract.self,
    Multiply.self,
    Divide.self,
    Negate.self,
    Power.self,
    ConstantPower.self,
    Minimum.self,
    Maximum.self,
    LogAddExp.self,

    Less.self,
    LessOrEqual.self,
    Equal.self,
    NotEqual.self,
    Select.self,

    Sqrt.self,
    Exp.self,
    Expm1.self,
    Log.self,
    Log1p.self,
    Abs.self,
    Sign.self,
    Sin.self,
    Cos.self,
    Erf.self,
    Clamp.self,

    Sigmoid.self,
    Tanh.self,
    Relu.self,
    LeakyRelu.self,
    Elu.self,
    Gelu.self,
    Silu.self,
    Softplus.self,

    MatMul.self,
    Sum.self,
    Mean.self,
    Variance.self,
    Max.self,
    Argmax.self,

    Softmax.self,
    LogSoftmax.self,
    SoftmaxCrossEntropyOp.self,
    SigmoidCrossEntropyOp.self,

    Reshape.self,
    Transpose.self,
    Broadcast.self,
    Concatenate.self,
    Slice.self,

    Iota.self,
    OneHot.self,
    Gather.self,
    ScatterAdd.self,

    Unfold.self,
    Fold.self,
    MaxPool.self,
    MaxPoolSpread.self,
    MaxPoolPick.self,
    SumPool.self,
    SumPoolSpread.self,

    Cast.self,
    StopGradient.self,
    RandomUniform.self,
  ]
}
