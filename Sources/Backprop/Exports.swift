@_exported public import BackpropCore
