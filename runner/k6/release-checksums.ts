// The SHA-256 of each archive of the pinned k6 release. A changed release, or a mirror with other files, is rejected.
// They change together with PINNED_K6.
//
// The release's own k6-v2.2.0-checksums.txt could not be fetched when these were pinned. Each value is the same in
// several independent public repositories that pin it: linux-amd64 in more than ten (including the AUR package k6-bin,
// and some that state to have compared it with the official file), linux-arm64 in eight, windows-amd64 in five,
// macos-arm64 in three (one compared it with the official file), macos-amd64 in two. docs/reliability.md describes how
// to compare them again.

export const RELEASE_CHECKSUMS: ReadonlyMap<string, string> = new Map([
  ['k6-v2.2.0-linux-amd64.tar.gz', 'b5a8003c86f35f5cd5ceef1490312c48e587696c94d998cefc6d7b3b4cb1597d'],
  ['k6-v2.2.0-linux-arm64.tar.gz', '4ecd64cadcc792402d16293836115480419c4447c032858f564852d98f1bf54c'],
  ['k6-v2.2.0-macos-amd64.zip', '45a08590511c8a6a9c6331645e60c41624924e848e29472e87c60ac956d50372'],
  ['k6-v2.2.0-macos-arm64.zip', '37a028506bf13578de66c906296803775df28cc2504b1a8c5d786b2803e757c7'],
  ['k6-v2.2.0-windows-amd64.zip', 'ceb2b1e1cf9dbe1303c6c33ec83ffda86dda5c610b4def92064d3c7ebae8d9f4'],
]);
