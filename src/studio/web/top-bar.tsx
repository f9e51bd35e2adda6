import { Icon } from "./components/icon.tsx";
import { PAGES, type PageName, routeTo } from "./routing.ts";
import { LANGUAGES, type Language, useLanguage, useWords } from "./texts/texts.ts";
import { THEMES, useTheme } from "./theme.ts";

interface TopBarProps {
  readonly page: PageName | null;
  readonly version: string;
}

/** Name, pages, language and theme. */
export function TopBar({ page, version }: TopBarProps) {
  const { t } = useWords();
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <header class="top-bar">
      <span class="brand" title={version === "" ? undefined : t("nav.version", { version })}>
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 12L5 6M12 12l7-5M12 12l-4 8M12 12l6 6" />
          <circle cx="12" cy="12" r="3.4" />
          <circle cx="5" cy="6" r="1.9" />
          <circle cx="19" cy="7" r="1.9" />
          <circle cx="8" cy="20" r="1.9" />
          <circle cx="18" cy="18" r="1.9" />
        </svg>
        Ganglion <span class="brand-part">studio</span>
      </span>
      <nav aria-label={t("nav.pages")}>
        {PAGES.map((name) => (
          <a key={name} href={routeTo(name)} aria-current={name === page ? "page" : undefined}>
            {t(`nav.${name}`)}
          </a>
        ))}
      </nav>
      <select
        class="language"
        aria-label={t("page.language")}
        value={language}
        onChange={(event) => setLanguage(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([value, name]) => (
          <option key={value} value={value} lang={value}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        onClick={() => setTheme(next)}
        aria-label={t("nav.theme", { theme: t(`theme.${theme}`), next: t(`theme.${next}`) })}
      >
        <Icon name="theme" />
        <span class="theme-name">{t(`theme.${theme}`)}</span>
      </button>
    </header>
  );
}
