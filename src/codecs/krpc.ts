/** KRPC, the messages of the DHT: BEP 5, with what BEPs 32, 33, 42, 43, 44 and 51 add to them. */
export { decodeKrpc } from './krpc/decodeKrpc.js'
export { encodeKrpc } from './krpc/encodeKrpc.js'
export { KrpcErrorCode } from './krpc/errorCode.js'
export type {
  KrpcAnswer,
  KrpcError,
  KrpcMessage,
  KrpcQuery,
  KrpcQueryBody,
  KrpcRefusal,
  KrpcResponse,
  NodeFamily,
} from './krpc/message.js'
