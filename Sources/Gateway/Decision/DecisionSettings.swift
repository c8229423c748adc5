/// What decisions need of the configuration.
struct DecisionSettings: Sendable {
    let publicOrigin: WebOrigin
    let trustedProxies: TrustedProxies
    let rules: RuleTable
    let members: MemberSettings
    let sampling: DecisionSampling
    /// The integration's name where there is only one.
    let soleIntegration: String?
}
