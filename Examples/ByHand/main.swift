let (x, y) = ([0.05, 0.10], [0.01, 0.99])
var network = FourEquations.worked
let activations = network.forward(x)
print("outputs       ", activations[2])
print("E             ", network.cost(x, y))
for (name, delta) in zip(["δ hidden      ", "δ output      "], network.errors(activations, y)) {
  print(name, delta)
}
print("∂E/∂w hidden  ", network.gradient(x, y).weights[0])
print("∂E/∂w output  ", network.gradient(x, y).weights[1])

// The example's rate is 0.5; it leaves the biases as they are.
network.step(x, y, rate: 0.5, trainsBiases: false)
print("w hidden, then", network.weights[0])
print("w output, then", network.weights[1])
print("E after 1     ", network.cost(x, y))
for _ in 2...10_000 { network.step(x, y, rate: 0.5, trainsBiases: false) }
print("E after 10,000", network.cost(x, y))
print("outputs then  ", network.forward(x)[2])
