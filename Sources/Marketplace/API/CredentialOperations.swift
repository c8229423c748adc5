import HTTP
package import Untrusted

extension APIOperation {
    /// The gateway's own use of it is `CredentialRotation`.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/rotate-installation-credential>
    package static let rotateInstallationCredential = APIOperation(
        "rotateInstallationCredential", .post,
        "/v1/installations/{integrationConfigurationId}/credentials/rotate", body: RotationRequest.self, success: 200,
        alsoFailing: [409], credential: .clientSecret)

    /// Retires a token. The last live one is refused. The name is ours: the SDK does not have it yet. Whether success is 204
    /// or 200 is not documented.
    package static let revokeInstallationCredential = APIOperation(
        "revokeInstallationCredential", .post,
        "/v1/installations/{integrationConfigurationId}/credentials/revoke", body: RevocationRequest.self, success: 204,
        alsoFailing: [409], credential: .clientSecret)
}

/// The body of rotateInstallationCredential.
package struct RotationRequest: RequestBody {
    package var clientSecret: WithheldText
    package var clientID: UntrustedText?
}

extension RotationRequest {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        clientSecret = try fields.required("client_secret")
        clientID = try fields.optional("client_id")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("client_secret", clientSecret)
        fields.put("client_id", clientID)
    }
}

/// The body of revokeInstallationCredential.
package struct RevocationRequest: RequestBody {
    /// The one to retire; another live one is the bearer.
    package var token: WithheldText
    package var clientSecret: WithheldText
    package var clientID: UntrustedText?
}

extension RevocationRequest {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        token = try fields.required("token")
        clientSecret = try fields.required("client_secret")
        clientID = try fields.optional("client_id")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("token", token)
        fields.put("client_secret", clientSecret)
        fields.put("client_id", clientID)
    }
}
