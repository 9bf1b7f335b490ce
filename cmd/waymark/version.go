package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/contracts"
)

// release is the version of this source tree; a build from a commit adds it.
const release = "0.1.0"

// buildVersion is the release and, where the build knows it, the commit.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return release + "+" + s.Value[:12]
		}
	}
	return release
}

// versionInfo is what a build is, and which rules it has.
type versionInfo struct {
	Version  string                  `json:"version"`
	Go       string                  `json:"go"`
	Platform string                  `json:"platform"`
	Rulesets []contracts.RulesetInfo `json:"rulesets"` // the one that judges from genesis on first
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and the rulesets that this release has",
		Long: `Version prints the release, and the rulesets that it has: the first judges from genesis on,
the others from the height on that members vote for (waymark propose ruleset). What each judges
is in docs/rules.md; the digest says from which sources it was made.`,
		Example: `  waymark version --json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := versionInfo{Version: buildVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			for _, r := range contracts.Rulesets() {
				v.Rulesets = append(v.Rulesets, r.Info())
			}
			return print(cmd, v, func(w io.Writer) {
				fmt.Fprintf(w, "waymark %s, %s, %s\n", v.Version, v.Go, v.Platform)
				for _, r := range v.Rulesets {
					fmt.Fprintf(w, "ruleset %s, version %d, digest %s\n", r.Name, r.Version, r.Digest)
				}
			})
		},
	}
}
