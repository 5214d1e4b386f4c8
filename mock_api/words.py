"""Words: what titles, releases and names of bands are put together from, with every kind of awkward letter."""

TITLE_STARTS = (
    "Blue", "Midnight", "Don't Stop the", "Another", "Golden", "Lost in the", "Broken", "Electric", "Silent",
    "Summer", "Return to the", "Dancing with", "Goodbye,", "Hello,", "Last Train to the", "Corazón de", "Über",
    "Été et", "Canção do", "Señorita", "Drømmen om", "Ночной", "夜の", "Αγάπη και", "사랑의", "Gece ve", "Ain't No",
    "She's Got the", "Burning", "Velvet", "Paper", "Crystal", 'The "Real"', "Slow", "Rolling", "Distant", "Hollow",
    "Wild", "Neon", "Winter", "Holy", "Running from the", "Sweet", "Sister", "Brother", "My Little", "Young",
    "Ghost of the", "Kings of the", "Under the", "Waiting for the", "Bring Back the", "Fire, Water and", "One More",
    "Two Hearts, One", "99", "Cold", "Dirty", "Lonely", "Beyond the", "Children of the", "L'amour et le",
    "Święto i", "Žlutý", "O, My", "Killing the", "Sleepless", "Red Hot",
)  # fmt: skip
TITLE_ENDS = (
    "River", "Moon", "Rain", "Heart", "Highway", "Sky", "Shadow", "Mirror", "Fire", "Ocean", "Dream", "Machine",
    "Garden", "Dynamite", "Café", "Noël", "Sunshine", "Avenue", "Telephone", "Ángel", "Mañana", "Straße", "Любовь",
    "Blues", "Boogie", "Carnival", "Letter", "Lullaby", "Thunder", "Window", "Stranger", "Melody", "Paradise",
    "Radio", "Satellite", "Tango", "Whiskey", "Wolves", "Yesterday", "Zombie", "Angel's Share", "Rock 'n' Roll",
    "Señor", "Queen", "Desert", "Island", "Harbour", "Clouds", "Diamonds", "Bicycle", "Rodeo", "Serenade",
    "Skyline", "Snow", "Spiral", "Storm", "Street", "Hotel", "Sugar", "Tomorrow", "Trouble", "Valley", "Voodoo",
    "Waltz",
)  # fmt: skip
TITLE_EXTRAS = (
    *[""] * 22, " (Live)", " (Album Version)", ', Pt. 2', ' (12" Mix)', " [Remastered]", " - Demo", ": Reprise",
    " / Coda",
)  # fmt: skip
RELEASES = (
    "The Collection", "Greatest Hits", "Live at the Apollo", "First Light", "Second Wind", "Don't Look Back",
    "Été 78", "Night & Day", "Home, Again", 'The "Lost" Tapes', "Black Album", "Unplugged", "Raíces", "Zeitgeist",
    "Прощание", "東京", "Crossroads", "Songs of Love and Hate, Vol. 1", "Letters", "Machines", "Wilderness",
    "Blue Hour", "Anthology", "Debut", "After the Flood", "Postcards", "Roots", "Signals", "Carousel", "Harvest",
    "Sólo Éxitos", "Monochrome",
)  # fmt: skip
EDITIONS = (*[""] * 10, " (Deluxe Edition)", " [Explicit]", " - EP", " CD 2", ": The Best Of", ", Reissue")
BAND_STARTS = (
    "The Velvet", "The Electric", "The Wandering", "The Midnight", "The Holy", "The Broken", "Los Hermanos",
    "Die Wilden", "Les Petits", "Café", "Björk &", "DJ", "MC", "Sister", "Big", "Little", "Blind", "Sir", "Saint",
    "Doctor", "Captain", "Motörhead &", "Sigur", "Señor", "Grupo", "Orquesta", "Trio", "Ensemble", "Kollektiv",
    "Группа", "東京", "Ó", "D'Angelo's", "O'Brien &", "King", "Queen", "Prince", "Lady", "Baby", "Old", "New",
    "Black", "White", "Red", "Silver", "Golden", "Iron", "Paper", "Crystal", "Astral", "Cosmic", "Neon", "Savage",
    "Gentle", "Northern", "Southern", "Eastern", "Western", "Royal", "Anna", "Tom", "Maria", "José", "Zoë",
    "François", "Jürgen", "Łukasz", "Søren", "Aşık", "Nikos",
)  # fmt: skip
BAND_ENDS = (
    "Foxes", "Machine", "Orchestra", "Brothers", "Sisters", "Parade", "Underground", "Rós", "Del Mar", "Muñoz",
    "García", "O'Connor", "Johnson", "Williams", "Nakamura", "Müller", "Dubois", "Rossi", "Silva", "Kowalski",
    "Петров", "Experience", "Project", "Quartet", "Collective", "Society", "Club", "Riders", "Prophets", "Pilots",
    "Poets", "Thieves", "Tigers", "Wolves", "Ravens", "Sparrows", "Lions", "Giants", "Angels", "Demons", "Kings",
    "Queens", "Soldiers", "Sailors", "Monks", "Ghosts", "Shadows", "Mirrors", "Engines", "Satellites", "Radio",
    "Revival", "Revolution", "Symphony", "Sound", "System", "Blues Band", "Jazz Trio", "& the Gang", "& Friends",
    "Crew", "Family", "Unit", "Works", "Zwei",
)  # fmt: skip
