import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Sets the secrets of a resource, which become environment variables of its projects.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/update-resource-secrets>
    package static let updateResourceSecretsById = APIOperation(
        "updateResourceSecretsById", .put,
        "/v1/installations/{integrationConfigurationId}/resources/{resourceId}/secrets", body: ResourceSecrets.self,
        success: 201, alsoFailing: [409, 422])

    /// The older address of the same.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/update-resource-secrets-deprecated>
    package static let updateResourceSecrets = APIOperation(
        "updateResourceSecrets", .put,
        "/v1/installations/{integrationConfigurationId}/products/{integrationProductIdOrSlug}/resources/{resourceId}/secrets",
        body: ResourceSecrets.self, success: 201, alsoFailing: [409, 422], isDeprecated: true)
}

/// The body of updateResourceSecretsById and of updateResourceSecrets.
package struct ResourceSecrets: RequestBody {
    package var secrets: [ResourceSecret]
    /// Whether only the secrets named here change. Otherwise they replace all.
    package var partial: Bool?

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try secrets.check(at: "secrets")
    }
}

extension ResourceSecrets {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        secrets = try fields.required("secrets")
        partial = try fields.optional("partial")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("secrets", secrets)
        fields.put("partial", partial)
    }
}

package struct ResourceSecret: FieldObject {
    /// Values for single environments in place of `value`.
    package struct EnvironmentOverrides: Sendable, Equatable {
        package var development: WithheldText?
        package var preview: WithheldText?
        package var production: WithheldText?
    }

    package var name: UntrustedText
    package var value: WithheldText
    package var prefix: UntrustedText?
    package var environmentOverrides: EnvironmentOverrides?
}

extension ResourceSecret {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        name = try fields.required("name")
        value = try fields.required("value")
        prefix = try fields.optional("prefix")
        environmentOverrides = try fields.optional("environmentOverrides")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("name", name)
        fields.put("value", value)
        fields.put("prefix", prefix)
        fields.put("environmentOverrides", environmentOverrides)
    }
}

extension ResourceSecret.EnvironmentOverrides: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        development = try fields.optional("development")
        preview = try fields.optional("preview")
        production = try fields.optional("production")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("development", development)
        fields.put("preview", preview)
        fields.put("production", production)
    }
}

extension [ResourceSecret] {
    /// Which of two secrets of one name would count is not documented.
    func check(at path: String) throws(FieldError) {
        var names: Set<[UntrustedText?]> = []
        for index in indices where !names.insert([self[index].prefix, self[index].name]).inserted {
            throw FieldError("\(path)[\(index)].name", .rule("must not be there twice"))
        }
    }
}

extension MarketplaceAPI {
    package func updateResourceSecrets(
        _ secrets: ResourceSecrets, of resource: UntrustedText, in installation: UntrustedText, token: SecretBytes,
        now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .updateResourceSecretsById, [.integrationConfigurationId: installation, .resourceId: resource],
            body: secrets)
        try await perform(call, token: token, now: now)
    }
}
