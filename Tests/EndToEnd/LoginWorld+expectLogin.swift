import Testing

extension LoginWorld {
    /// Ada's login in a fresh browser, and the status that it ends with.
    func expectLogin(_ status: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let answer = try await browser().callBack(standIn.click())
        #expect(answer.status == status, "\(answer.title)", sourceLocation: sourceLocation)
    }
}
