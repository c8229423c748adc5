/// What a browser and a proxy speak with each other.
enum WebProtocol: String, CaseIterable, Sendable {
    case http1 = "HTTP/1.1"
    case http2 = "HTTP/2"
    case http3 = "HTTP/3"
}
