import HTTP
package import JOSE
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/update-resource>
    package static let updateResource = APIOperation(
        "updateResource", .patch, "/v1/installations/{integrationConfigurationId}/resources/{resourceId}",
        body: ResourceUpdate.self, success: 200, alsoFailing: [409, 422])
}

/// The body of updateResource. What is absent stays as it is.
package struct ResourceUpdate: RequestBody {
    /// The two documented forms.
    package enum Secrets: Sendable, Equatable {
        case list([ResourceSecret])
        case object(ResourceSecrets)
    }

    package var ownership: ResourceOwnership?
    package var name: UntrustedText?
    package var status: ProvisioningStatus?
    package var metadata: JSONObject?
    package var billingPlan: BillingPlan?
    /// Null takes the notice away.
    package var notification: Nullable<CustomerNotice>?
    package var extras: JSONObject?
    package var secrets: Secrets?

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try notification?.check(at: "notification", rules)
        switch secrets {
        case .list(let secrets): try secrets.check(at: "secrets")
        case .object(let secrets): try secrets.secrets.check(at: "secrets.secrets")
        case nil: break
        }
    }
}

extension ResourceUpdate {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        ownership = try fields.optional("ownership")
        name = try fields.optional("name")
        status = try fields.optional("status")
        metadata = try fields.optional("metadata")
        billingPlan = try fields.optional("billingPlan")
        notification = try fields.nullable("notification")
        extras = try fields.optional("extras")
        secrets = try fields.optional("secrets")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("ownership", ownership)
        fields.put("name", name)
        fields.put("status", status)
        fields.put("metadata", metadata)
        fields.put("billingPlan", billingPlan)
        fields.put("notification", notification)
        fields.put("extras", extras)
        fields.put("secrets", secrets)
    }
}

extension ResourceUpdate.Secrets: FieldValue {
    package init(_ value: JSONValue, at place: FieldPlace) throws(FieldError) {
        switch value {
        case .array: self = .list(try [ResourceSecret](value, at: place))
        case .object: self = .object(try ResourceSecrets(value, at: place))
        default: throw place.error(.wrongType("an array of secrets, or an object with secrets and partial"))
        }
    }

    package var json: JSONValue {
        switch self {
        case .list(let secrets): secrets.json
        case .object(let secrets): secrets.json
        }
    }
}

extension MarketplaceAPI {
    package func updateResource(
        _ update: ResourceUpdate, of resource: UntrustedText, in installation: UntrustedText, token: SecretBytes,
        now: ISOTime
    ) async throws(APIError) -> NamedResource {
        let call = try APICall.make(
            .updateResource, [.integrationConfigurationId: installation, .resourceId: resource], body: update)
        return try await answer(call, token: token, now: now)
    }
}
