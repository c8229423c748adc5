/// Searches a text for a piece in linear time, whatever either is (Knuth, Morris and Pratt): the text is the other side's.
struct LinearSearch {
    private let piece: [UInt8]
    /// For each length of the piece's beginning: the longest shorter beginning that it ends with.
    private let shorter: [Int]

    init(for piece: [UInt8]) {
        self.piece = piece
        var shorter = [0, 0]
        for place in piece.indices.dropFirst() {
            var length = shorter[place]
            while length > 0, piece[length] != piece[place] { length = shorter[length] }
            shorter.append(piece[length] == piece[place] ? length + 1 : 0)
        }
        self.shorter = shorter
    }

    func finds(in text: [UInt8]) -> Bool {
        guard let first = piece.first, text.count >= piece.count else { return false }
        let (piece, shorter) = (piece.span, shorter.span)
        /// How much of the piece's beginning the text ends with so far.
        var length = 0
        for byte in text {
            while length > 0, piece[length] != byte { length = shorter[length] }
            if length > 0 || byte == first { length += 1 }
            if length == piece.count { return true }
        }
        return false
    }
}
