package import HTTP
package import Untrusted

extension APIOperation {
    /// Every operation.
    package static let all: [APIOperation] = partners + [.rotateInstallationCredential, .revokeInstallationCredential]

    /// Those that a partner's own servers call, with a credential that is not the integration's secret.
    package static let partners = installations + billing + resources + credits

    package static let installations: [APIOperation] = [
        .getAccountInfo, .getMember, .updateInstallation, .createEvent,
    ]

    /// What decides about a customer's money.
    package static let billing: [APIOperation] = [
        .submitBillingData, .submitPrepaymentBalances, .finalizeInstallation, .submitInvoice, .getInvoice,
        .updateInvoice,
    ]

    package static let resources: [APIOperation] = [
        .getIntegrationResources, .getIntegrationResource, .importResource, .updateResource,
        .deleteIntegrationResource, .updateResourceSecretsById, .updateResourceSecrets,
        .createInstallationIntegrationConfiguration, .updateInstallationIntegrationConfiguration,
        .deleteInstallationIntegrationConfiguration,
    ]

    /// What buys credits, with credentials that are no installation's.
    package static let credits: [APIOperation] = [.buyCredits, .createCheckoutSession]

    package static func named(_ name: String) -> APIOperation? { all.first { $0.name == name } }

    /// What a method and a path are.
    package enum Match: Sendable, Equatable {
        case operation(APIOperation, PathParameters)
        /// The path is an operation's, but a part of it is no identifier.
        case badParameter(FieldError)
        /// The path has other methods, in the order of the list.
        case otherMethods([HTTPMethod])
        case none
    }

    /// Finds the operation of a request among `candidates`. `rawPath` keeps its percent-encoding: no identifier needs any,
    /// so a path with a `%` in it is none of an operation.
    package static func match(
        _ method: HTTPMethod, _ rawPath: UntrustedText, among candidates: [APIOperation] = partners
    ) -> Match {
        guard rawPath.hasPrefix("/") else { return .none }
        let path = Array(rawPath.split(at: "/").dropFirst())
        let fitting = candidates.filter { $0.path.fits(path) }
        guard let operation = fitting.first(where: { $0.method == method }) else {
            return fitting.isEmpty ? .none : .otherMethods(fitting.map(\.method))
        }
        do { return .operation(operation, try operation.path.read(path)) } catch { return .badParameter(error) }
    }
}
