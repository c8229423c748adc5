extension Gateway {
    /// Whether a fixed route answers at `path`, so that a callback or a webhook that is configured there could not be reached.
    package static func isOwnAddress(_ path: String) -> Bool {
        let fixed =
            [
                SignInAddress.path, AnswerConfirmation.path, SessionEndpoint.path, SignOut.path, AssertionKeys.path,
            ] + RefusalPage.allCases.map(\.path) + RegionEndpoints.paths
        let below = [Assets.prefix, InstallationCall.prefix] + ProxyDialect.all.map { $0.endpoint + "/" }
        return fixed.contains(path) || below.contains { (path + "/").hasPrefix($0) }
    }
}
