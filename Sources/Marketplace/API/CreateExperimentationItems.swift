import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Makes experiments or flags of a resource known. The SDK's name says something else.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/create-one-or-multiple-experimentation-items>
    package static let createInstallationIntegrationConfiguration = APIOperation(
        "createInstallationIntegrationConfiguration", .post,
        "/v1/installations/{integrationConfigurationId}/resources/{resourceId}/experimentation/items",
        body: NewExperimentationItems.self, success: 204)
}

/// The body of createInstallationIntegrationConfiguration.
package struct NewExperimentationItems: RequestBody {
    package struct Item: Sendable, Equatable {
        /// The partner's own.
        package var id: UntrustedText
        package var item: ExperimentationItem
    }

    package var items: [Item]

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        guard items.count <= rules.mostExperimentationItems else {
            throw FieldError("items", .rule("must not be more than \(rules.mostExperimentationItems)"))
        }
        for index in items.indices {
            try UntrustedText.checkLength(items[index].id, 1024, at: "items[\(index)].id")
            try items[index].item.check(at: "items[\(index)].")
        }
    }
}

extension NewExperimentationItems {
    package init(_ fields: inout FieldReader) throws(FieldError) { items = try fields.required("items") }

    package func write(_ fields: inout FieldWriter) { fields.put("items", items) }
}

extension NewExperimentationItems.Item: FieldObject {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        id = try fields.required("id")
        item = try ExperimentationItem(&fields)
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("id", id)
        item.write(&fields)
    }
}

extension MarketplaceAPI {
    package func createExperimentationItems(
        _ items: NewExperimentationItems, of resource: UntrustedText, in installation: UntrustedText,
        token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .createInstallationIntegrationConfiguration,
            [.integrationConfigurationId: installation, .resourceId: resource], body: items)
        try await perform(call, token: token, now: now)
    }
}
