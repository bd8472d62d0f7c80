/// The version of this library, as `backprop --version` prints it and every run and model file records it.
public let version = "0.1.0"
