# Homebrew formula, made by the release.
class Tasks < Formula
  desc "{{.Summary}}"
  homepage "{{.Repository}}"
  version "{{.Version}}"
  license "{{.License}}"

  on_macos do
    on_arm do
      url "{{.Downloads}}/{{.Name "darwin/arm64"}}"
      sha256 "{{.Sum "darwin/arm64"}}"
    end
    on_intel do
      url "{{.Downloads}}/{{.Name "darwin/amd64"}}"
      sha256 "{{.Sum "darwin/amd64"}}"
    end
  end

  on_linux do
    on_arm do
      url "{{.Downloads}}/{{.Name "linux/arm64"}}"
      sha256 "{{.Sum "linux/arm64"}}"
    end
    on_intel do
      url "{{.Downloads}}/{{.Name "linux/amd64"}}"
      sha256 "{{.Sum "linux/amd64"}}"
    end
  end

  def install
    bin.install "tasks"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/tasks.bash" => "tasks"
    zsh_completion.install "completions/_tasks"
    fish_completion.install "completions/tasks.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/tasks version")
  end
end
