/// A status code (RFC 9110 section 15).
package struct HTTPStatus: Hashable, Sendable, RawRepresentable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let ok = HTTPStatus(rawValue: 200)
    package static let accepted = HTTPStatus(rawValue: 202)
    package static let noContent = HTTPStatus(rawValue: 204)
    package static let found = HTTPStatus(rawValue: 302)
    package static let seeOther = HTTPStatus(rawValue: 303)
    package static let badRequest = HTTPStatus(rawValue: 400)
    package static let unauthorized = HTTPStatus(rawValue: 401)
    package static let forbidden = HTTPStatus(rawValue: 403)
    package static let notFound = HTTPStatus(rawValue: 404)
    package static let methodNotAllowed = HTTPStatus(rawValue: 405)
    package static let conflict = HTTPStatus(rawValue: 409)
    package static let gone = HTTPStatus(rawValue: 410)
    package static let contentTooLarge = HTTPStatus(rawValue: 413)
    package static let tooManyRequests = HTTPStatus(rawValue: 429)
    package static let internalServerError = HTTPStatus(rawValue: 500)
    package static let notImplemented = HTTPStatus(rawValue: 501)
    package static let badGateway = HTTPStatus(rawValue: 502)
    package static let serviceUnavailable = HTTPStatus(rawValue: 503)
    package static let gatewayTimeout = HTTPStatus(rawValue: 504)
}
