extension Gateway {
    /// Whether the gateway answers at `path` whatever the configuration says: no place for a callback or webhooks, which
    /// would never be reached there.
    package static func isOwnAddress(_ path: String) -> Bool {
        let fixed = [
            SignInAddress.path, AnswerConfirmation.path, SessionEndpoint.path, SignOut.path, AssertionKeys.path,
        ]
        let below = [Assets.prefix, InstallationCall.prefix] + ProxyDialect.all.map { $0.endpoint + "/" }
        return fixed.contains(path) || below.contains { (path + "/").hasPrefix($0) }
    }
}
