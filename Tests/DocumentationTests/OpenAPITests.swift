import HTTP
import Marketplace
import Testing

/// The OpenAPI description, which schemathesis reads, and the API's own list are about the same operations.
@Suite struct OpenAPITests {
    private struct Operation: Equatable, CustomStringConvertible {
        var name = ""
        let method: String
        let path: String
        var hasBody = false
        var isDeprecated = false
        var statuses: [Int] = []

        var description: String {
            "\(name) \(method) \(path) body: \(hasBody) deprecated: \(isDeprecated) \(statuses)"
        }
    }

    /// By the file's indentation, which is the same throughout.
    private static func described() throws -> [Operation] {
        let text = try DocumentationTests.read("Sources/ProviderStandIn/Market/OpenAPI.yaml")
        var operations: [Operation] = []
        var path = ""
        for line in text.split(separator: "\n").drop(while: { $0 != "paths:" }).prefix(while: { $0 != "components:" }) {
            let word = line.drop { $0 == " " }
            switch line.count - word.count {
            case 2 where word.hasPrefix("/"): path = String(word.dropLast())
            case 4 where word.hasSuffix(":") && word != "parameters:":
                operations.append(Operation(method: word.dropLast().uppercased(), path: path))
            case 6 where word.hasPrefix("operationId: "):
                operations[operations.count - 1].name = String(word.dropFirst("operationId: ".count))
            case 6 where word.hasPrefix("requestBody: "): operations[operations.count - 1].hasBody = true
            case 6 where word == "deprecated: true": operations[operations.count - 1].isDeprecated = true
            case 8 where word.hasPrefix("\""):
                operations[operations.count - 1].statuses.append(try #require(Int(word.dropFirst().prefix(3))))
            default: break
            }
        }
        return operations
    }

    @Test func `the description has the operations of the API, their addresses, bodies and statuses`() throws {
        let known = APIOperation.partners.map { operation in
            Operation(
                name: operation.name, method: operation.method.rawValue, path: operation.path.text,
                hasBody: operation.body != nil, isDeprecated: operation.isDeprecated,
                statuses: [operation.success.rawValue] + operation.failures)
        }
        let described = try Self.described()
        #expect(described.map(\.description).sorted() == known.map(\.description).sorted())
    }

    @Test func `the credentials are those of the API`() throws {
        let text = try DocumentationTests.read("Sources/ProviderStandIn/Market/OpenAPI.yaml")
        for (name, operations) in [
            ("account", APIOperation.partners.filter { $0.credential == .account }),
            ("checkout", APIOperation.partners.filter { $0.credential == .checkout }),
        ] {
            let named = text.split(separator: "operationId: ").dropFirst().filter {
                $0.contains("security: [{ \(name): [] }]")
            }.compactMap { $0.split(separator: "\n").first.map(String.init) }
            #expect(named == operations.map(\.name))
        }
    }
}
