@_exported public import BackpropCore
@_exported public import BackpropExecution
