"""scikit-learn's MLPClassifier, one partial_fit an epoch. It has no quadratic cost: `nielsen-30`
trains with cross-entropy there, at another learning rate, and its loss is not compared."""
import warnings

import common

options = common.arguments()
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")


def main():
  case = common.Case(options)

  class Classifier(MLPClassifier):
    """Starts from the stored weights."""

    def _init_coef(self, inputs, outputs, dtype):
      return next((w.copy(), b.copy()) for w, b in case.weights if w.shape == (inputs, outputs))

  def prepare():
    isSigmoid = case.activation == "sigmoid"
    return Classifier(
      hidden_layer_sizes=case.sizes[1:-1], activation="logistic" if isSigmoid else "relu",
      solver="adam" if case.optimizer == "adam" else "sgd", batch_size=case.batch,
      learning_rate_init=0.3 if isSigmoid else case.rate,
      momentum=0.9 if case.optimizer == "momentum" else 0.0, nesterovs_momentum=False, alpha=0.0,
      shuffle=False)

  def epoch(model):
    return model.partial_fit(case.x, case.y, classes=np.arange(case.sizes[-1]))

  def loss(model):
    p = model.predict_proba(case.x[:1000])
    return -np.log(p[np.arange(len(p)), case.y[:1000]] + 1e-12).mean()

  fields = {"comparable": False} if case.is_quadratic else {}
  if case.name == "first-step":
    state = epoch(prepare())
    common.first_step(case, "sklearn", sklearn.__version__, lambda: loss(state))
  else:
    common.train(case, "sklearn", sklearn.__version__, prepare, epoch, loss, **fields)


main()
