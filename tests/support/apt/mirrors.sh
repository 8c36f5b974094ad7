# SPDX-License-Identifier: Apache-2.0
# The Debian mirrors of this machine, from its own apt sources. Sourced.
# shellcheck shell=bash

# debian_mirrors: sets DEBIAN_MAIN and DEBIAN_SECURITY; fails when apt knows no mirror.
debian_mirrors() {
  local known
  known=$(apt-get indextargets --format '$(REPO_URI)' 2> /dev/null | sort -u)
  DEBIAN_MAIN=$(grep -m1 -E '/debian/?$' <<< "$known" || grep -v security <<< "$known" | grep -m1 debian) || return
  # A machine with a mirror of the main archive only: its neighbour, by the usual name.
  DEBIAN_SECURITY=$(grep -m1 -E 'security/?$' <<< "$known" || echo "${DEBIAN_MAIN%/}-security/")
}
