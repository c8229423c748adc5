import CurlHTTPClient

extension ClientSettings {
    /// For requests to other servers, as the configuration wants them.
    init(_ configuration: Configuration, connections: Int) {
        self.init(
            caFile: configuration.caFile, userAgent: "sso-gateway/\(Versions.gateway)",
            maximumConnectionsPerHost: connections, proxy: configuration.proxy)
    }
}
